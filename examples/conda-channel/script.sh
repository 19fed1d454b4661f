# Runs before anything is installed, with `bash -e`; this one only leaves a note.
echo "prepared by script.sh" > "${TMPDIR:-/tmp}/cortexlock-conda-channel-example"
