internal import CLua
internal import CLuaHost
