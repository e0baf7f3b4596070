// The library has the entry points of libcuda.so.1, libnvrtc.so and libcublasLt.so and is opened by name as they are;
// nothing here is called directly. README.md lists the environment variables.
#pragma once
