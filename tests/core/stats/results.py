"""Results of 25 weekdays in basis points, on which two other libraries were run."""

# fmt: off
BASIS_POINTS = [
    52, -31, 0, 118, -87, 24, -140, 65, 33, -12, 0, 91, -45,
    160, -73, -8, 41, -22, 57, -96, 130, -5, 19, -61, 84,
]
# fmt: on
