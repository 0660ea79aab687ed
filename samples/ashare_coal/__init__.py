"""Chairmen and independent directors of China's listed coal companies."""
