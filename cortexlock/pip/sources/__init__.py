"""Source trees: sdists, directories and git repositories, their metadata and their builds.

`source_trees` answers for a tree: from `static_metadata`, `setup_script` or `kept_metadata`, or from a build (`build`,
`tree_builds`); `git` checks out. See docs/design/pip.md.
"""
