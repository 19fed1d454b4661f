"""The command line: options, output, exit codes. Each command is the module of its name.

`main` has the commands, `command` the frame around them, `errors` how an error is said; what a use case returns is put
into words in `*_report`. See docs/design/README.md.
"""
