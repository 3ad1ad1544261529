"""Which objects each kind of page is made of, and from which inputs."""
