// What the kernels of batchnorm.cu are given.
#pragma once
