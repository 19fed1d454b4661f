"""Programs of ours without their start: a warm process that has their modules loaded forks for each of them.

A command takes 0.4 to 1.2 seconds of a processor to load modules, and does its work in a few hundredths. The tests
start hundreds of commands, so `subprocess.Popen` and `multiprocessing` are told (`starts.install`) to have Python
programs of ours forked from a `server` that has loaded the modules, and nothing else: what is forked is a process, a
child of the one that asked for it, with the arguments, environment, directory, files, signals and session that it was
given. What it starts in turn is started in the same way. All other programs are started as ever, and so are these where
the environment has anything that Python or a library reads once, at its start.

What is about the start itself asks for the fixture `cold`.
"""
