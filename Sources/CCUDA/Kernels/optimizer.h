// What the kernels of optimizer.cu are given.
#pragma once
