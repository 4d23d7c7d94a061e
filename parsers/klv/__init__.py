"""KLV metadata of motion imagery: where a helicopter or a large drone was, and where it looked."""
