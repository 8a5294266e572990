"""One message, the connection that takes it, and the built-in catcher."""
