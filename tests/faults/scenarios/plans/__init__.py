"""Plans and queries: what cannot be sent, and what arrives as something else."""
