"""The label of a line of latitude or longitude in a still picture."""


def degree_label(value_deg: float, digits: int) -> str:
    """Return degrees with some digits after the point and a true minus sign."""
    return f"{value_deg:.{digits}f}°".replace("-", "\u2212")
