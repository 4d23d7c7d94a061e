"""What rules about zones share: crossings, and what a pass about zones rests on."""
