// The library has the entries of libcuda.so.1, libnvrtc.so and libcublasLt.so and is opened as they are, by name; there
// is nothing here to be called directly. README.md says what the environment sets.
#pragma once
