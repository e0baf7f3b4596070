// What the kernels of matmul.cu are given.
#pragma once
