"""Run the embedded conda executable: `python -m cortexlock.conda.executable`."""

from cortexlock.conda.executable.main import main

if __name__ == "__main__":
    main()
