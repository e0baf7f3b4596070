// What the kernels of reduce.cu are given.
#pragma once
