"""What a letter says: the field language, fields, rendering, images and attachments."""
