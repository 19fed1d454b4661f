"""The only place that knows the internals of pip and pip-tools.

pip-tools resolves for the interpreter that it runs on, into an empty environment. These modules make it resolve for a
target, on top of an image; each internal that they use is tested for the versions of pip that the metadata admits. pip
changes process-wide state (loggers, temporary directories, the marker function): use them in a process of its own. See
docs/design/pip.md.
"""
