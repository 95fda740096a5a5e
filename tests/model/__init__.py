"""A model of a session's life: random changes, faults and deaths, compared after every step."""
