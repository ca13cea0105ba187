"""Charts to images through a browser."""
