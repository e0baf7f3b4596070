// What the kernels of recurrent.cu are given.
#pragma once
