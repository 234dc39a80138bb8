"""Every way to start a flow: the command line, serving, schedules."""
