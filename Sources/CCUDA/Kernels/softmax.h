// What the kernels of softmax.cu are given.
#pragma once
