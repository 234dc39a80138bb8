"""Figures for the depots, the board and the regulator."""
