// What the kernels of convolution.cu are given.
#pragma once
