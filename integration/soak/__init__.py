"""Random sessions and faults with real processes, for as long as one likes, then a comparison."""
