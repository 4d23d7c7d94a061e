"""What the formats of this family share: contacts, requests, logs of lines and of other bytes."""
