"""After a publish: content networks purged, hubs and directories told, a watchdog pinged."""
