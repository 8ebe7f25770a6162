"""What would have been: made-up and replayed days, through any policy, with the desk's own decision."""
