"""What runs on a node, carried there by its user data. Nothing of the program imports it."""
