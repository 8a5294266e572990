"""Words on their way, kept for whoever types them."""
