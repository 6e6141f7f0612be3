"""Result in, figure out: one template, colours by meaning; computes nothing but layout."""
