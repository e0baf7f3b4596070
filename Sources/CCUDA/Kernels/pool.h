// What the kernels of pool.cu are given.
#pragma once
