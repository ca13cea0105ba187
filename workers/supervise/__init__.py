"""What `make run` does: prepare the machine, start the processes of the Procfile, keep them alive, end them all."""
