"""What is learned across customers: examples in, snapshots out, and how detectors read a snapshot."""
