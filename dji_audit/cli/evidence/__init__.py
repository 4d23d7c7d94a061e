"""What several commands read alike: the logs below paths, and the flights of them to show."""
