// What the kernels of normalization.cu are given.
#pragma once
