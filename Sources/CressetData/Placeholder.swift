import Cresset
