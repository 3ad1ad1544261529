"""Who asks: an agent's name becomes an app, a device, or one that is not counted."""
