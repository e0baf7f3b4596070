// What the kernels of scan.cu are given.
#pragma once
