"""What every page and every request shares. The part of core that knows Flask."""
