"""A cluster's keys and certificates: made once (`make`), used everywhere (`keys`)."""
