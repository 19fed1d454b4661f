"""What a capture of an image has to tell, in words."""

from __future__ import annotations

from cortexlock.model import capture_facts as facts


def words(fact: facts.CaptureFact) -> str:  # noqa: C901, PLR0911 - one for each fact
    """Return a fact as one line."""
    match fact:
        case facts.NoConda(image, release):
            return f"it is no conda environment, unlike that of {image} {release}"
        case facts.UnusedCuda(version, platform):
            return f"CUDA {version} is there and was left out: the platform is {platform}"
        case facts.IndexVariables(names):
            return f"the image sets {' and '.join(names)}: a lock asks the indexes that the project names, not those"
        case facts.UnknownConstraints(file):
            return f"{file}, the image's constraints, is not in it: what it holds is not known"
        case facts.NoConstraint(file, line):
            return f"{file}: `{line}` was left out: only names with versions can be constraints"
        case facts.NamelessMetadata(file):
            return f"{file} was left out: its metadata have no name and version"
        case facts.StrangeVersion(name, version):
            return f"{name} was left out: its version, {version}, is none (PEP 440)"
        case facts.SeveralVersions(name, versions, taken):
            return f"{name} is there more than once ({', '.join(versions)}): {taken} was taken"
        case facts.UnsaidCredential(name):
            return f"{name} asks for a URL with a user name, a credential or a query in it, which was left out"
        case facts.OtherMachine(said):
            return f"its configuration says {said}, its C library is for another machine, which counts"
