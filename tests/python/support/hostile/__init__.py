"""Messages that are meant to do harm, and what does everything to them within limits."""
