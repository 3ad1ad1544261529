"""One module for each kind of page: which objects it is made of, and from which inputs."""
