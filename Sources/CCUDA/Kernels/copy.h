// What the kernels of copy.cu are given.
#pragma once
