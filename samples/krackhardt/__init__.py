"""Markets to read and to try the product on."""
