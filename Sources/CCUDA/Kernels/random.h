// What the kernels of random.cu are given.
#pragma once
