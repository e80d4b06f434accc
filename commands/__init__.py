"""The commands of `divegym`, a module per noun. They import what they need when they run: `--help` loads no library."""
