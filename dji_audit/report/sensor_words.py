"""What people call the sensor of a camera."""

#: Sensor -> what a video or photo of it is called.
SENSOR_WORDS = {
    "visible": "visible light",
    "thermal": "thermal",
    "multispectral": "multispectral",
    "unknown": "sensor not stated",
}
