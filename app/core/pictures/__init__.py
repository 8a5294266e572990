"""Pictures that people upload: the logo, and signatures. One rule for all of them."""
